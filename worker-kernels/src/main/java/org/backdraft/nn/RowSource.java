package org.backdraft.nn;

/**
 * What the rows of a product are: the pixels of one example (a convolution, whose pattern starts
 * anew at each example) or the examples themselves (a linear layer, whose pattern spans them).
 */
enum RowSource {
  PIXELS,
  EXAMPLES
}
