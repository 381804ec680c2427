"""The second mark: a PDF/A file that also says it follows PDF/UA-1 (ISO 14289-1)."""

from __future__ import annotations

from typing import Protocol

# PDF/A (ISO 19005-3, 6.6.2.3) wants each foreign property declared before it is used.
ACCESSIBLE = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
END = b"</rdf:RDF>"


class DescribesItself(Protocol):
    """The part of WeasyPrint's document metadata that writes the XMP packet."""

    def generate_rdf_metadata(self, variant: str, version: int, conformance: str | None) -> bytes:
        """Return the packet's RDF."""


def mark_as_accessible(metadata: DescribesItself) -> None:
    """Add the PDF/UA-1 mark to what the document says of itself; WeasyPrint alone writes one mark per file."""
    describe = metadata.generate_rdf_metadata

    def describe_with_both_marks(variant: str, version: int, conformance: str | None) -> bytes:
        head, end, rest = describe(variant, version, conformance).rpartition(END)
        return head + ACCESSIBLE + end + rest

    metadata.generate_rdf_metadata = describe_with_both_marks  # type: ignore[method-assign]
