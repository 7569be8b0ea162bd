package org.backdraft.nn;

/** A layer compiled for one plan: its kernels chosen, its memory laid out. */
public interface Operation {}
