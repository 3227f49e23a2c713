<?cs include:"macros.cs" ?><?cs set:Title = "导入" + Import.Kind + "：" + Import.Label ?><?cs if:Import.Running ?><?cs set:Refresh = #5 ?><?cs /if ?><?cs set:Tone = "" ?><?cs
if:Import.Running || Import.State == "checked" ?><?cs set:Tone = " run" ?><?cs
elif:Import.State == "faulty" || Import.State == "failed" ?><?cs set:Tone = " warn" ?><?cs
elif:Import.State == "dropped" || Import.State == "undone" || Import.State == "unchanged" ?><?cs set:Tone = " off" ?><?cs /if ?><?cs

def:figures() ?><dl class="facts"><?cs call:fact("文件", Import.File) ?><?cs if:Import.Size > #0 ?><?cs call:fact("大小", Import.Size + " 字节") ?><?cs /if ?><?cs call:fact("经办", Import.By + "，" + Import.Created) ?><?cs if:!Import.Running || Import.Count > #0 ?><?cs call:fact("数据行数", Import.Count + " 行") ?><?cs if:Import.Problems == #0 || Import.State != "faulty" ?><?cs call:fact("新增", Import.Added + " 行") ?><?cs call:fact("更改", Import.Changed + " 行") ?><?cs call:fact("没有变化", Import.Same + " 行") ?><?cs /if ?><?cs /if ?><?cs if:Import.Taken ?><?cs call:fact("导入时间", Import.Taken) ?><?cs /if ?><?cs if:Import.Undone ?><?cs call:fact("撤回", Import.UndoneBy + "，" + Import.Undone) ?><?cs /if ?><?cs if:Import.Reason ?><?cs call:fact("撤回原因", Import.Reason) ?><?cs /if ?><div><dt>文件指纹<dd class="wrap">SHA-256 <?cs var:Import.Sha256 ?></div></dl>
<?cs /def ?><?cs

def:mistakes() ?><table class="list data"><caption><?cs if:Import.State == "faulty" ?>文件中的错误（共 <?cs var:Import.Problems ?> 处<?cs if:Import.Problems > subcount(Problems) ?>，以下是前 <?cs var:subcount(Problems) ?> 处<?cs /if ?>）<?cs else ?>已经使用了这次导入的数据<?cs /if ?></caption>
<thead><tr><?cs if:Import.State == "faulty" ?><th scope="col">行<th scope="col">列<?cs /if ?><th scope="col">内容<th scope="col">问题
<tbody>
<?cs each:row = Problems ?><tr><?cs if:Import.State == "faulty" ?><th scope="row">第 <?cs var:row.Line ?> 行<td data-as="列"><?cs var:row.Column ?><td data-as="内容"><?cs var:row.Value ?><?cs else ?><th scope="row"><?cs var:row.Value ?><?cs /if ?><td data-as="问题"><?cs var:row.Text ?>
<?cs /each ?></table>
<?cs /def ?><?cs

def:first_rows() ?><div class="wide" tabindex="0" role="region" aria-label="文件的前几行"><table class="list data"><caption>文件的前几行，证件号码和电话只显示一部分</caption>
<thead><tr><th scope="col">行<?cs each:column = Columns ?><th scope="col"><?cs var:column.Label ?><?cs /each ?>
<tbody>
<?cs each:row = Preview ?><tr><th scope="row">第 <?cs var:row.Line ?> 行<?cs each:cell = row.Cells ?><td data-as="<?cs var:cell.Label ?>"><?cs var:cell.Text ?></td><?cs /each ?>
<?cs /each ?></table></div>
<?cs /def ?><?cs

def:content() ?><p class="back"><a href="/staff/imports/">返回数据导入</a></p>
<div id="live"<?cs if:Import.Running ?> data-poll<?cs /if ?>><div class="panel<?cs var:Tone ?>"><h1><?cs var:Import.Kind ?>：<?cs var:Import.Label ?></h1>
<p>导入编号<br><b><?cs var:Import.Id ?></b></p></div>
<?cs if:Import.Running ?><p role="status"><progress max="100" value="<?cs var:Import.Progress ?>"></progress> <?cs var:Import.Label ?></p>
<p>在后台进行，可以关闭浏览器，之后从导入记录中查看结果。</p>
<?cs elif:Import.State == "checked" ?><p role="status">核对没有发现错误，还没有导入。</p>
<?cs elif:Import.State == "faulty" ?><p class="note bad" role="status">文件中有 <?cs var:Import.Problems ?> 处错误，一行也没有导入。请更正文件之后重新上传。</p>
<?cs elif:Import.State == "unchanged" ?><p class="note" role="status">文件中的内容登记册中都已经有了，没有需要导入的。</p>
<?cs elif:Import.State == "taken" && !Import.Note ?><p role="status">文件已全部导入。</p>
<?cs elif:Import.State == "undone" ?><p class="note" role="status">这次导入已经撤回，登记册恢复为导入之前的内容。</p>
<?cs /if ?><?cs if:Import.Note ?><p class="note bad"><?cs var:Import.Note ?></p>
<?cs /if ?><?cs call:figures() ?><?cs if:May.Take ?><form method="post" action="/staff/imports/<?cs var:Import.Id ?>/take" class="actions"><?cs call:form_hidden() ?><button class="button">确认导入 <?cs var:Import.Count ?> 行</button></form>
<?cs /if ?><?cs if:?Problems.0.Text ?><?cs call:mistakes() ?><?cs if:Import.State == "faulty" ?><p class="actions"><a class="button plain" href="/staff/imports/<?cs var:Import.Id ?>/problems">下载错误清单（CSV）</a></p>
<?cs /if ?><?cs /if ?><?cs if:?Preview.0.Line ?><?cs call:first_rows() ?><?cs /if ?><?cs if:May.Retry ?><form method="post" action="/staff/imports/<?cs var:Import.Id ?>/retry" class="actions"><?cs call:form_hidden() ?><button class="button">重新核对这个文件</button></form>
<?cs /if ?><?cs if:May.Anew ?><p class="actions"><a class="button plain" href="/staff/imports/new?kind=<?cs var:May.Anew ?>">重新上传文件</a></p>
<?cs /if ?><?cs if:May.Drop ?><form method="post" action="/staff/imports/<?cs var:Import.Id ?>/drop" class="actions"><?cs call:form_hidden() ?><button class="button plain">放弃这次导入</button></form>
<?cs /if ?><?cs if:May.Undo ?><p class="actions"><a class="button plain" href="/staff/imports/<?cs var:Import.Id ?>/undo">撤回这次导入</a></p>
<?cs elif:May.Why ?><p class="quiet">不能撤回：<?cs var:May.Why ?></p>
<?cs /if ?></div>
<p class="quiet"><a href="/help/staff-imports">操作手册：数据导入</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
