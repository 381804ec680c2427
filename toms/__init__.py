"""The register of technical and organisational measures (Art. 32 GDPR), published as numbered sets."""
