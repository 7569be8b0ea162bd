/**
 * What {@code doctor} looks at: the machine, the JVM and Spark's settings.
 *
 * <p>Start with {@link org.backdraft.jobs.doctor.Checkup}. Depends on the kernels' lookup, what
 * {@code driver} says of Spark's settings, and the JDK.
 */
package org.backdraft.jobs.doctor;
