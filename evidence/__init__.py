"""The append-only Merkle ledger: record, seal, verify."""
