import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useReports, useShow } from './use-show.js';

const server = new URLSearchParams(location.search).get('show') ?? 'http://127.0.0.1:8090';

function Display() {
  const { message, link, client } = useShow(server);
  const [picture, setPicture] = useState(null);
  const isBlack = message?.show.state === 'blackout';
  useReports(client, { picture, black: isBlack });
  if (message === null) return <p>{link}</p>;
  const { show, mood } = message;
  return (
    <figure>
      {show.image && !isBlack && (
        <img src={client.address(show.image.url)} alt="" onLoad={() => setPicture(show.image.id)} />
      )}
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
