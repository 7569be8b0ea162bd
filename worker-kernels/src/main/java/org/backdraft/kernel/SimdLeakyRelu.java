package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link PointwiseFunction#LEAKY_RELU} in vectors. */
final class SimdLeakyRelu implements SimdActivation {
  @Override
  public void forward(float slope, float[] x, int xBase, float[] y, int yBase, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      v.blend(v.mul(slope), v.compare(VectorOperators.LT, 0f)).intoArray(y, yBase + i);
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
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyBase + i);
      d.mul(slope).blend(d, v.compare(VectorOperators.GT, 0f)).intoArray(dx, dxBase + i);
    }
  }
}
