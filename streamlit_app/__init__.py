"""The web page: upload, look, analyse, check against R, take the report home. It computes nothing itself."""
