"""A peer that says what the specification forbids, and looks at what the other side makes of it."""
