/**
 * Other systems that Backdraft is measured beside, where those run on the JVM. Depends on nothing of
 * Backdraft.
 *
 * <p>Start with {@link org.backdraft.benchmarks.peers.MllibPerceptron}.
 */
package org.backdraft.benchmarks.peers;
