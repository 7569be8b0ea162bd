/**
 * The scaling model: how long a training step takes on N ranks, computed and not run.
 *
 * <p>Start with {@link org.backdraft.scaling.ScalingModel}. The collectives of {@code
 * comm.algorithm} themselves run against a transport that records, {@link
 * org.backdraft.scaling.RecordingTransport}; {@link org.backdraft.scaling.GangSimulator} plays the
 * tables of all ranks against {@link org.backdraft.scaling.CostParameters}. The equations are in
 * {@code docs/scaling.md}. Depends on {@code comm}, {@code leaf}, {@code random} and {@code
 * tensor}.
 */
package org.backdraft.scaling;
