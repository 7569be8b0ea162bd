/**
 * How threads are made and how they work together: {@link
 * org.backdraft.concurrent.NamedThreadFactory}, {@link org.backdraft.concurrent.Team}. Depends on
 * {@code tensor} (its checks) alone.
 */
package org.backdraft.concurrent;
