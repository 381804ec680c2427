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
    ReviewForm,
)
from deletion.forms.leaving import CancellationForm, CertificateFileForm, ErasureForm, as_compared
from deletion.forms.receiving import PublicRequestForm, RecordForm, StatusForm
from deletion.forms.secret import SECRET

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
    "ReviewForm",
    "StatusForm",
    "as_compared",
]
