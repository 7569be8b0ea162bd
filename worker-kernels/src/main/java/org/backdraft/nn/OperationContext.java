package org.backdraft.nn;

/** What a layer needs to know to compile itself: layouts, kernels, leaves, arenas. */
public interface OperationContext {}
