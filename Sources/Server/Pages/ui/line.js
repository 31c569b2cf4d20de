/** Runs what it is given in its order, so many at once. */
export function line(places) {
  const waiting = [];
  let running = 0;

  async function next() {
    if (running === places || !waiting.length) return;
    running += 1;
    const { work, resolve, reject } = waiting.shift();
    try {
      resolve(await work());
    } catch (error) {
      reject(error);
    }
    running -= 1;
    next();
  }

  return (work) => new Promise((resolve, reject) => {
    waiting.push({ work, resolve, reject });
    next();
  });
}
