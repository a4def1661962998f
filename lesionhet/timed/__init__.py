"""What is known at a day: states from scans up to it, landmarks, start-stop rows."""
