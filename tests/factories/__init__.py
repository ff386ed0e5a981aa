"""One factory a model, unsurprising. They need an open tenant() scope."""
