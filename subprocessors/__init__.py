"""The register of subprocessors (Art. 28(2) and (4) GDPR), published as numbered lists."""
