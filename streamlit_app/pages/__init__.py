"""One page a step; each calls `lesionhet` and shows what it gets."""
