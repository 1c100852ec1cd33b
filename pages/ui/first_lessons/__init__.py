"""The first lessons as pages show them: guess, see, keep a sentence, go on."""
