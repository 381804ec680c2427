"""Rows of the register of subprocessors."""

from subprocessors.models.register import AnnexEntry, Subprocessor, SubprocessorList, SubprocessorListDocument

__all__ = ["AnnexEntry", "Subprocessor", "SubprocessorList", "SubprocessorListDocument"]
