import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useShow } from './use-show.js';

const server = new URLSearchParams(location.search).get('show') ?? 'http://127.0.0.1:8090';

function Display() {
  const { message, link, client } = useShow(server);
  if (message === null) return <p>{link}</p>;
  const { show, mood } = message;
  return (
    <figure>
      {show.image && show.state !== 'blackout' && <img src={client.address(show.image.url)} alt="" />}
      <figcaption>
        {link} · valence {mood.valence.toFixed(2)} · arousal {mood.arousal.toFixed(2)}{' '}
        <button onClick={() => client.control({ control: 'next' })}>Next</button>
      </figcaption>
    </figure>
  );
}

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <Display />
  </StrictMode>,
);
