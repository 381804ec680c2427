"""Input of the pages of leaving and of the desk; every refusal says what to do."""

from deletion.forms.casework import (
    AssignForm,
    DoubtForm,
    ExtensionForm,
    HandWorkForm,
    HoldForm,
    NoteForm,
    ProofForm,
    ProofForStartForm,
    QueueForm,
    ReferenceForm,
    RefusalForm,
)
from deletion.forms.leaving import SECRET, CancellationForm, CertificateFileForm, ErasureForm, as_compared
from deletion.forms.receiving import PublicRequestForm, RecordForm, StatusForm

__all__ = [
    "SECRET",
    "AssignForm",
    "CancellationForm",
    "CertificateFileForm",
    "DoubtForm",
    "ErasureForm",
    "ExtensionForm",
    "HandWorkForm",
    "HoldForm",
    "NoteForm",
    "ProofForStartForm",
    "ProofForm",
    "PublicRequestForm",
    "QueueForm",
    "RecordForm",
    "ReferenceForm",
    "RefusalForm",
    "StatusForm",
    "as_compared",
]
