"""What the register of subprocessors can do."""

from subprocessors.services.register import EntryUnfit, load_sample, publish, start_draft

__all__ = ["EntryUnfit", "load_sample", "publish", "start_draft"]
