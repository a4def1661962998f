"""``lesionhet validate``: every statistic in both languages, on a battery of cohorts and on the user's."""
