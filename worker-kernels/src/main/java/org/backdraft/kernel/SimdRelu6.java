package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link PointwiseFunction#RELU6} in vectors. */
final class SimdRelu6 implements SimdActivation {
  private static final float MOST = PointwiseFunction.RELU6_MOST;

  @Override
  public void forward(float slope, float[] x, int xBase, float[] y, int yBase, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      v.blend(0f, v.compare(VectorOperators.LT, 0f))
          .blend(MOST, v.compare(VectorOperators.GT, MOST))
          .intoArray(y, yBase + i);
    }
  }

  @Override
  public void backward(
      float slope,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector out = FloatVector.fromArray(FLOATS, y, yBase + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyBase + i);
      zero.blend(d, out.compare(VectorOperators.GT, 0f))
          .blend(0f, out.compare(VectorOperators.GE, MOST))
          .intoArray(dx, dxBase + i);
    }
  }
}
