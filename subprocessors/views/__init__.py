"""The pages of the register of subprocessors."""
