"""Work that must not be lost: one row per job, relay, lease, retry, dead letter, canary."""
