package org.backdraft.nn;

/** The part of a convolution's backward pass that takes the output's gradient to the input. */
interface InputGradient {
  /** Brings weights into the form that the kernels read; before every pass. */
  void prepare(Pass pass, int thread);

  /** Writes the input's gradient, whatever it held. */
  void run(Pass pass, int thread);

  /** What {@link #run} touches. */
  Scope scope();
}
