"""Parameters: what each is, what it is now, and what moves it."""
