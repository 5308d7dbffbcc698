"""Small programs of the kind that tutorials show, on sequences: their losses, step by step; see `programs_nn.py`."""

from __future__ import annotations

import math
from typing import Any

from tests.engine.programs import Programs

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of
TEXT = "the quick brown fox jumps over the lazy dog while the cat sleeps in the warm sun and dreams of mice "
DIGITS = 9


@program
def names_by_language(torch):
    """A recurrent layer reads names letter by letter and says from which language they are."""
    nn = torch.nn
    names = {"Scottish": ["Smith", "Brown", "Young"], "Russian": ["Abakumov", "Petrov", "Ivanov"],
             "Greek": ["Adamidis", "Horos", "Kosmos"]}  # fmt: skip
    letters = sorted({letter for each in names.values() for name in each for letter in name})
    torch.manual_seed(0)

    class CharRNN(nn.Module):
        def __init__(self, input_size, hidden_size, output_size):
            super().__init__()
            self.rnn = nn.RNN(input_size, hidden_size)
            self.h2o = nn.Linear(hidden_size, output_size)
            self.softmax = nn.LogSoftmax(dim=1)

        def forward(self, line):
            _, hidden = self.rnn(line)
            return self.softmax(self.h2o(hidden[0]))

    def line_to_tensor(line):
        tensor = torch.zeros(len(line), 1, len(letters))
        for i, letter in enumerate(line):
            tensor[i][0][letters.index(letter)] = 1
        return tensor

    model, loss_fn, losses = CharRNN(len(letters), 16, 3), nn.NLLLoss(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.15)
    for _ in range(8):
        total = 0
        for category, each in enumerate(names.values()):
            for name in each:
                total = total + loss_fn(model(line_to_tensor(name)), torch.tensor([category]))
        optimizer.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 3)
        optimizer.step()
        losses.append(total.item())
    model.eval()
    with torch.no_grad():
        return losses, [model(line_to_tensor(each[0])).argmax(1).item() for each in names.values()]


@program
def tagger(torch):
    """A long short-term memory tags the words of sentences."""
    nn = torch.nn
    data = [
        (["The", "dog", "ate", "the", "apple"], ["DET", "NN", "V", "DET", "NN"]),
        (["Everybody", "read", "that", "book"], ["NN", "V", "DET", "NN"]),
    ]
    words, tags = {}, {"DET": 0, "NN": 1, "V": 2}
    for sentence, _ in data:
        for word in sentence:
            words.setdefault(word, len(words))
    torch.manual_seed(1)

    class LSTMTagger(nn.Module):
        def __init__(self, embedding_dim, hidden_dim, vocab_size, tagset_size):
            super().__init__()
            self.hidden_dim = hidden_dim
            self.word_embeddings = nn.Embedding(vocab_size, embedding_dim)
            self.lstm = nn.LSTM(embedding_dim, hidden_dim)
            self.hidden2tag = nn.Linear(hidden_dim, tagset_size)

        def forward(self, sentence):
            embeds = self.word_embeddings(sentence)
            lstm_out, _ = self.lstm(embeds.view(len(sentence), 1, -1))
            tag_space = self.hidden2tag(lstm_out.view(len(sentence), -1))
            return nn.functional.log_softmax(tag_space, dim=1)

    model, losses = LSTMTagger(6, 6, len(words), len(tags)), []
    loss_function, optimizer = nn.NLLLoss(), torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(20):
        for sentence, wanted in data:
            model.zero_grad()
            scores = model(torch.tensor([words[w] for w in sentence], dtype=torch.long))
            loss = loss_function(scores, torch.tensor([tags[t] for t in wanted], dtype=torch.long))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@program
def translation(torch):
    """An encoder and a decoder of gated recurrent units with attention between them learn to turn sequences round."""
    nn, F = torch.nn, torch.nn.functional
    torch.manual_seed(2)
    size, vocabulary, longest = 8, 7, 4
    source = torch.randint(2, vocabulary, (5, longest))
    target = source.flip(1)

    class EncoderRNN(nn.Module):
        def __init__(self, input_size, hidden_size, dropout_p=0.1):
            super().__init__()
            self.embedding = nn.Embedding(input_size, hidden_size)
            self.gru = nn.GRU(hidden_size, hidden_size, batch_first=True)
            self.dropout = nn.Dropout(dropout_p)

        def forward(self, input):
            return self.gru(self.dropout(self.embedding(input)))

    class BahdanauAttention(nn.Module):
        def __init__(self, hidden_size):
            super().__init__()
            self.Wa = nn.Linear(hidden_size, hidden_size)
            self.Ua = nn.Linear(hidden_size, hidden_size)
            self.Va = nn.Linear(hidden_size, 1)

        def forward(self, query, keys):
            scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys)))
            weights = F.softmax(scores.squeeze(2).unsqueeze(1), dim=-1)
            return torch.bmm(weights, keys), weights

    class AttnDecoderRNN(nn.Module):
        def __init__(self, hidden_size, output_size, dropout_p=0.1):
            super().__init__()
            self.embedding = nn.Embedding(output_size, hidden_size)
            self.attention = BahdanauAttention(hidden_size)
            self.gru = nn.GRU(2 * hidden_size, hidden_size, batch_first=True)
            self.out = nn.Linear(hidden_size, output_size)
            self.dropout = nn.Dropout(dropout_p)

        def forward(self, encoder_outputs, encoder_hidden, target_tensor=None):
            decoder_input = torch.empty(encoder_outputs.size(0), 1, dtype=torch.long).fill_(0)
            decoder_hidden, outputs, attentions = encoder_hidden, [], []
            for i in range(longest):
                embedded = self.dropout(self.embedding(decoder_input))
                context, weights = self.attention(decoder_hidden.permute(1, 0, 2), encoder_outputs)
                output, decoder_hidden = self.gru(torch.cat((embedded, context), dim=2), decoder_hidden)
                outputs.append(self.out(output))
                attentions.append(weights)
                if target_tensor is not None:
                    decoder_input = target_tensor[:, i].unsqueeze(1)
                else:
                    decoder_input = outputs[-1].topk(1)[1].squeeze(-1).detach()
            return F.log_softmax(torch.cat(outputs, dim=1), dim=-1), torch.cat(attentions, dim=1)

    encoder, decoder, losses = EncoderRNN(vocabulary, size), AttnDecoderRNN(size, vocabulary), []
    optimizers = [torch.optim.Adam(each.parameters(), lr=0.02) for each in (encoder, decoder)]
    criterion = nn.NLLLoss()
    for _ in range(12):
        for optimizer in optimizers:
            optimizer.zero_grad()
        outputs, _ = decoder(*encoder(source), target)
        loss = criterion(outputs.view(-1, outputs.size(-1)), target.reshape(-1))
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
    encoder.eval()
    decoder.eval()
    with torch.no_grad():
        words, attentions = decoder(*encoder(source))
        return losses, words.sum().item(), attentions[0].tolist()


@program
def language_model(torch):
    """A transformer with positions in sines learns which word comes next."""
    nn = torch.nn
    words = TEXT.split()
    vocabulary = sorted(set(words))
    ids = torch.tensor([vocabulary.index(word) for word in words])
    torch.manual_seed(4)

    class PositionalEncoding(nn.Module):
        def __init__(self, d_model, dropout=0.1, max_len=50):
            super().__init__()
            self.dropout = nn.Dropout(p=dropout)
            position = torch.arange(max_len).unsqueeze(1)
            div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
            pe = torch.zeros(max_len, 1, d_model)
            pe[:, 0, 0::2] = torch.sin(position * div_term)
            pe[:, 0, 1::2] = torch.cos(position * div_term)
            self.register_buffer("pe", pe)

        def forward(self, x):
            return self.dropout(x + self.pe[: x.size(0)])

    class TransformerModel(nn.Module):
        def __init__(self, ntoken, d_model, nhead, d_hid, nlayers, dropout=0.2):
            super().__init__()
            self.pos_encoder = PositionalEncoding(d_model, dropout)
            layers = nn.TransformerEncoderLayer(d_model, nhead, d_hid, dropout)
            self.transformer_encoder = nn.TransformerEncoder(layers, nlayers)
            self.embedding = nn.Embedding(ntoken, d_model)
            self.d_model = d_model
            self.linear = nn.Linear(d_model, ntoken)
            self.embedding.weight.data.uniform_(-0.1, 0.1)
            self.linear.bias.data.zero_()
            self.linear.weight.data.uniform_(-0.1, 0.1)

        def forward(self, src, src_mask=None):
            src = self.pos_encoder(self.embedding(src) * math.sqrt(self.d_model))
            if src_mask is None:
                src_mask = nn.Transformer.generate_square_subsequent_mask(len(src))
            return self.linear(self.transformer_encoder(src, src_mask))

    model, losses = TransformerModel(len(vocabulary), 8, 2, 12, 2), []
    data = ids[:20].view(2, 10).t().contiguous()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1.0, gamma=0.95)
    criterion = nn.CrossEntropyLoss()
    for _ in range(8):
        model.train()
        output = model(data[:-1])
        loss = criterion(output.view(-1, len(vocabulary)), data[1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        return losses, criterion(model(data[:-1]).view(-1, len(vocabulary)), data[1:].reshape(-1)).item()


@program
def sentiment(torch):
    """A memory in both directions reads packed sentences of different lengths."""
    nn, rnn = torch.nn, torch.nn.utils.rnn
    torch.manual_seed(5)
    lengths = [3, 5, 2, 4]
    sentences = [torch.randint(1, 9, (length,)) for length in lengths]
    labels = torch.tensor([1.0, 0.0, 1.0, 0.0])

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(9, 5, padding_idx=0)
            self.lstm = nn.LSTM(5, 4, num_layers=2, bidirectional=True, dropout=0.3, batch_first=True)
            self.fc = nn.Linear(8, 1)

        def forward(self, batch, lengths):
            packed = rnn.pack_padded_sequence(self.embedding(batch), lengths, batch_first=True, enforce_sorted=False)
            output, (hidden, _) = self.lstm(packed)
            unpacked, _ = rnn.pad_packed_sequence(output, batch_first=True)
            return self.fc(torch.cat((hidden[-2], hidden[-1]), dim=1)).squeeze(1), unpacked

    model, losses = Net(), []
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    batch = rnn.pad_sequence(sentences, batch_first=True)
    for _ in range(10):
        scores, _ = model(batch, torch.tensor(lengths))
        loss = nn.BCEWithLogitsLoss()(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, model.eval()(batch, lengths)[1].shape, str(model)


@program
def sines(torch):
    """Two memory cells, stepped by hand in float64, foretell sine waves."""
    nn = torch.nn
    torch.manual_seed(0)
    waves = torch.sin(torch.arange(12, dtype=torch.float64) / 2 + torch.tensor([[0.0], [1.0], [2.0]]))

    class Sequence(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm1 = nn.LSTMCell(1, 7)
            self.lstm2 = nn.LSTMCell(7, 7)
            self.linear = nn.Linear(7, 1)

        def forward(self, input, future=0):
            outputs = []
            h_t, c_t, h_t2, c_t2 = (torch.zeros(input.size(0), 7, dtype=torch.double) for _ in range(4))
            for input_t in input.split(1, dim=1):
                h_t, c_t = self.lstm1(input_t, (h_t, c_t))
                h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
                output = self.linear(h_t2)
                outputs += [output]
            for _ in range(future):
                h_t, c_t = self.lstm1(output, (h_t, c_t))
                h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
                output = self.linear(h_t2)
                outputs += [output]
            return torch.cat(outputs, dim=1)

    model, losses = Sequence().double(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.5)
    for _ in range(6):
        loss = nn.MSELoss()(model(waves[:, :-1]), waves[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        return losses, model(waves[:1, :-1], future=3)[0, -3:].tolist()


@program
def truncated(torch):
    """A language model of letters carries its detached state from one piece of the text to the next."""
    nn = torch.nn
    letters = sorted(set(TEXT))
    ids = torch.tensor([letters.index(letter) for letter in TEXT])[:96].view(2, 48).t()
    losses: list[Any] = []
    for kind in ("LSTM", "GRU", "RNN"):
        torch.manual_seed(7)
        encoder, decoder = nn.Embedding(len(letters), 6), nn.Linear(6, len(letters))
        rnn = getattr(nn, kind)(6, 6, 2, dropout=0.2)
        decoder.weight = encoder.weight
        parameters = [*encoder.parameters(), *rnn.parameters(), decoder.bias]
        optimizer = torch.optim.Adam(parameters, lr=0.01)
        state: Any = None
        for begin in range(0, 40, 8):
            state = tuple(each.detach() for each in state) if isinstance(state, tuple) else state
            state = state.detach() if kind != "LSTM" and state is not None else state
            out, state = rnn(encoder(ids[begin : begin + 8]), state)
            wanted = ids[begin + 1 : begin + 9].reshape(-1)
            loss = nn.functional.cross_entropy(decoder(out).view(-1, len(letters)), wanted)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 0.25)
            optimizer.step()
            losses.append(loss.item())
    return losses
