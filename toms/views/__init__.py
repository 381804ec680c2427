"""The pages of the register of measures."""
