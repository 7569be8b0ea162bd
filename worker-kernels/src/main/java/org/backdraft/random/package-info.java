/**
 * Counter-based random numbers: start with {@link org.backdraft.random.CounterRandom}. JDK alone.
 */
package org.backdraft.random;
