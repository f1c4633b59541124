/** The 97.5 % point of Student's t: where the upper tail holds 2.5 %, found by bisection. */
export function studentPoint975(freedom: number): number {
  let low = 0, high = 13; // the point is 12.71 with one degree of freedom, and falls from there
  while (high - low > 1e-13) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, freedom) > 0.95) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

/**
 * The probability that Student's t lies in −t..t, by the finite sums for whole degrees of freedom.
 *
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4
 */
function studentTwoSided(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom)), isOdd = freedom % 2 === 1;
  const sine = Math.sin(angle), cosine = Math.cos(angle);
  let term = isOdd ? cosine : 1, sum = freedom > 1 ? term : 0;
  for (let k = isOdd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= (k - 1) / k * cosine ** 2;
    sum += term;
  }
  return isOdd ? 2 / Math.PI * (angle + sine * sum) : sine * sum;
}
