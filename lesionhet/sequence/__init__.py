"""Which organ of a patient progresses first, and in what order the others follow."""
