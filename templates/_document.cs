<?cs # A person's document: two fields, and the reader that fills them in where a script runs. ?><?cs

def:document_fields() ?><label for="f-id_type">证件类型<?cs call:wrong("id_type") ?></label><select id="f-id_type" name="id_type"><?cs each:type = IdTypes ?><option value="<?cs var:type.Code ?>"<?cs if:type.Code == Field.id_type ?> selected<?cs /if ?>><?cs var:type.Label ?><?cs /each ?></select>
<label for="f-id_no">证件号码<?cs call:wrong("id_no") ?></label><input id="f-id_no" name="id_no" value="<?cs var:Field.id_no ?>" maxlength="39" autocomplete="off" spellcheck="false" autocapitalize="characters">
<?cs /def ?><?cs

# What the reader says, and in the demonstration which card lies on it. ?><?cs
def:reader() ?><div class="way reader" data-reader hidden<?cs if:Reader.Demo ?> data-demo<?cs /if ?><?cs if:Reader.DemoKey ?> data-key="<?cs var:Reader.DemoKey ?>"<?cs /if ?><?cs if:Reader.Challenge ?> data-challenge="<?cs var:Reader.Challenge ?>"<?cs /if ?>><h2>读卡器</h2>
<?cs if:Reader.Demo ?><details><summary>演示：模拟读卡器上的证件</summary><div class="stack"><label for="card-no">模拟证件的号码（不填则随机生成）</label><input id="card-no" maxlength="18" autocomplete="off"><label for="card-name">模拟证件的姓名</label><input id="card-name" maxlength="64" autocomplete="off"></div></details>
<?cs /if ?><p class="actions"><button type="button" class="button plain" data-read>读取证件</button><span role="status" data-said></span></p></div>
<?cs /def ?>