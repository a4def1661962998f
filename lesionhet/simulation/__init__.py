"""The parts of the simulated trial; `lesionhet.simulate` puts them together."""
