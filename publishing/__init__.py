"""What "published" means: draft, approved, published, superseded; number, hash, effective date, differences."""
