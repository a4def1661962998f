"""What a person asks beside the ledger: own cut-offs, own covariates, own arms, draws bit by bit."""
