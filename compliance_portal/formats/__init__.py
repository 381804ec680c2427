"""How dates and times are written where Django's own choice is not the portal's."""
