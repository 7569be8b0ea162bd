/**
 * Charts as SVG, which every browser shows. Start at {@link org.backdraft.jobs.plot.LineChart}; a
 * {@link org.backdraft.jobs.plot.Figure} puts several beside each other. Depends on nothing.
 */
package org.backdraft.jobs.plot;
