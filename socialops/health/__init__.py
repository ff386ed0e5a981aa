"""Is it alive, and can it publish?"""
