/**
 * One neuron by itself, in double precision and without kernels, for looking at what it can and
 * cannot do: the threshold unit of McCulloch and Pitts, Rosenblatt's perceptron, the perceptron of
 * optimal stability, and the logistic neuron with its gradient by hand. Networks of neurons are in
 * {@link org.backdraft.nn}. Start at {@link org.backdraft.neuron.Perceptron}.
 */
package org.backdraft.neuron;
