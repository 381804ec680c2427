"""German as a letter writes it: a comma before the clock, and the word after it."""

DATETIME_FORMAT = "j. F Y, H:i \\U\\h\\r"
