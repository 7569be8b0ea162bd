/** How threads are made: {@link org.backdraft.concurrent.NamedThreadFactory}. JDK alone. */
package org.backdraft.concurrent;
