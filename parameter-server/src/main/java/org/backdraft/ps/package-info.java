/**
 * The parameter server: parameters live in shards, which workers push gradient sums to and pull
 * values from; the shard applies the optimizer. Knows blocks of floats, never layers.
 *
 * <p>Start with {@link org.backdraft.ps.ParameterShard} (what a shard does with a push and a pull)
 * and {@link org.backdraft.ps.ParameterClient} (a worker's side of all shards); {@link
 * org.backdraft.ps.ShardPlan} says which shard owns what, {@link org.backdraft.ps.Consistency} how
 * far workers may drift apart, {@code UpdateRule} and its two forms what that means for a shard,
 * {@link org.backdraft.ps.ShardServer} connects channels to a shard. Depends on {@code comm},
 * {@code comm.algorithm} (its adder), {@code comm.transport}, {@code leaf}, {@code concurrent} and
 * {@code tensor}.
 */
package org.backdraft.ps;
