/**
 * Measures links, adder and algorithms before the first step, so that a gang can choose.
 *
 * <p>Start with {@link org.backdraft.comm.probe.GangProbe}. Depends on {@code comm}, {@code
 * comm.algorithm}, {@code comm.transport} and {@code leaf}.
 */
package org.backdraft.comm.probe;
