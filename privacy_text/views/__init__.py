"""Pages of the sample texts: for everybody, and for the staff who write them."""
