"""What the portal costs, as ratios within one run: against the limit that nothing can beat, and against what people use today."""
